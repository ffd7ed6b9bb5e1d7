/** What authors run: lint, new courses and lessons, import of others' formats, schemas for editors. */
export { lint, type LintOptions, type LintReport } from './lint/lint.ts';
export { describeReport, explain } from './lint/print.ts';
export { RULE_IDS, type RuleId } from './lint/rules.ts';
export { toSarif } from './lint/sarif.ts';
export { type Finding } from './lint/finding.ts';
export { nameFrom, newCourse, newLesson, type Made } from './scaffold/scaffold.ts';
export { newKit } from './scaffold/kit.ts';
export { SCHEMA_FOLDER, writeSchemas } from './schema/schema.ts';
export { importInto, type Imported } from './import/import.ts';
export { describeForIndico, describeInMarkdown } from './describe/describe.ts';
export { takeHome } from './take-home/take-home.ts';
export { writeArchive } from './take-home/archive.ts';
export { createLiveLessons, type LiveLessons } from './live/live-lessons.ts';
export { openPageMaker } from './live/page-maker.ts';
export { watchSaves } from './live/watch-saves.ts';
