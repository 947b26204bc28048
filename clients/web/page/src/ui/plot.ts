// uPlot, loaded when the first plot is shown. Kept apart, so that the first view does not carry it.
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export type Plot = uPlot;
export type PlotOptions = uPlot.Options;
export type PlotData = uPlot.AlignedData;

export async function loadPlot(): Promise<new (options: PlotOptions, data: PlotData, into: HTMLElement) => Plot> {
  return (await import('uplot')).default;
}
