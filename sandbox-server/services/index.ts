/** What `main.ts` and the command line need of this room; other rooms import `face.ts`. */
export { findServices, withSettings, type ServiceDefinition } from './find.ts';
export { overviewOf, type Overview } from './overview.ts';
export { createServices, type ServicesOptions } from './services.ts';
