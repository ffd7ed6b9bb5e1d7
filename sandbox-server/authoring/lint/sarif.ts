/** Findings as SARIF 2.1.0, which Git hosts show beside the changed lines. Pure. */
import { createHash } from 'node:crypto';
import type { Finding } from './finding.ts';
import { RULE_IDS, RULES } from './rules.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** @param version of Palestra */
export function toSarif(findings: readonly Finding[], version: string) {
  return {
    $schema: SCHEMA,
    version: '2.1.0' as const,
    runs: [
      {
        tool: { driver: { name: 'palestra lint', version, rules: RULE_IDS.map(ruleOf) } },
        columnKind: 'utf16CodeUnits' as const,
        results: findings.map((each, index) =>
          resultOf(each, findings.slice(0, index).filter((b) => isAlike(b, each)).length),
        ),
      },
    ],
  };
}

function ruleOf(id: (typeof RULE_IDS)[number]) {
  const { asks, why, level } = RULES[id];
  return {
    id,
    shortDescription: { text: asks },
    fullDescription: { text: `${asks} ${why}` },
    help: { text: why },
    defaultConfiguration: { level },
  };
}

function resultOf(finding: Finding, earlier: number) {
  const { rule, level, file, line, message, expected, received } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULE_IDS.indexOf(rule),
    level,
    message: { text: `${message} Expected: ${expected}. Received: ${received}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
          region: { startLine: line },
        },
      },
    ],
    // the same finding on another line is the same finding
    partialFingerprints: { 'palestra/v1': fingerprint(finding, earlier) },
  };
}

const uriOf = (file: string) => file.split('/').map(encodeURIComponent).join('/');
const isAlike = (a: Finding, b: Finding) =>
  a.rule === b.rule && a.file === b.file && a.received === b.received;
const fingerprint = ({ rule, file, received }: Finding, earlier: number) =>
  createHash('sha256').update([rule, file, received, earlier].join('\0')).digest('hex').slice(0, 32);
