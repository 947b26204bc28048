export { MapView } from './map_view';
export { mapTools, type Bounds, type Camera, type MapLayer, type MapTools, type TrackLine } from './tools';
