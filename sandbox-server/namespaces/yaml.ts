/** Kubernetes' objects as one YAML stream, as `kubectl apply -f -` takes it. */
import { stringify } from 'yaml';

export function yamlOf(objects: readonly object[]): string {
  return objects
    .map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`)
    .join('');
}
