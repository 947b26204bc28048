export { TimelineBar } from './bar';
