// MapLibre as a part that is loaded when it is needed: its build is no ES module, so its names are made such here.
export { Map, addProtocol, setWorkerUrl } from 'maplibre-gl';
