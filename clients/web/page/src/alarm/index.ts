export { AlarmBanner } from './banner';
