/** How large a learner's namespace may be: a named size, raised by what their groups grant. Pure. */
import { Problem } from '../contract/errors.ts';
import { larger, quantityOf, type NamespaceSettings, type Size } from '../contract/namespace.ts';
import type { Grants } from '../identity/face.ts';

type Sizes = NamespaceSettings['sizes'];

/** Names of the sizes somebody may have, small to large; the smallest is everybody's. */
export function sizesFor(granted: readonly string[], sizes: Sizes): readonly string[] {
  const all = Object.keys(sizes).sort((a, b) => weight(sizes[a]) - weight(sizes[b]));
  return all.filter((name, i) => i === 0 || granted.includes(name));
}

/** @throws Problem `forbidden` where no group grants it, `unavailable` where there is no such size */
export function sizeOf(
  asked: string | undefined,
  grants: Pick<Grants, 'sizes' | 'quota' | 'gpu'>,
  sizes: Sizes,
): Size {
  const allowed = sizesFor(grants.sizes, sizes);
  const name = asked ?? allowed[0];
  const size = name === undefined ? undefined : sizes[name];
  if (name === undefined || size === undefined)
    throw new Problem(
      'unavailable',
      `This lesson asks for the size ${name ?? '(none)'}, which this installation does not have. Please tell the operator.`,
    );
  if (!allowed.includes(name))
    throw new Problem(
      'forbidden',
      `This lesson needs a namespace of size ${name}; your groups grant ${allowed.join(', ')}. Ask for membership of a group that grants more.`,
      { details: { size: name, allowed } },
    );
  return withGrants(size, grants);
}

function withGrants(size: Size, { quota, gpu }: Pick<Grants, 'quota' | 'gpu'>): Size {
  const raised = {
    cpu: quota.cpu ?? '0',
    memory: quota.memory ?? '0',
    ephemeral: quota.ephemeral ?? '0',
    storage: quota.storage ?? '0',
    pods: quota.pods ?? 0,
    gpu,
  };
  return largest([size, raised]);
}

/** The largest figure of each kind: several labs of one person share a namespace. */
export function largest(sizes: readonly [Size, ...Size[]]): Size {
  return sizes.reduce((a, b) => ({
    cpu: larger(a.cpu, b.cpu),
    memory: larger(a.memory, b.memory),
    ephemeral: larger(a.ephemeral, b.ephemeral),
    storage: larger(a.storage, b.storage),
    pods: Math.max(a.pods, b.pods),
    gpu: Math.max(a.gpu, b.gpu),
  }));
}

function weight(size: Size | undefined): number {
  return size === undefined ? 0 : quantityOf(size.cpu);
}
