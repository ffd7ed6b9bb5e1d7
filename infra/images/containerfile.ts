/** What a Containerfile begins with; pure. A kit stands on the image it is given, or every rule for images would be a suggestion. */

/** @returns images that its stages begin with, other than the argument BASE and its own earlier stages */
export function foreignStages(text: string): readonly string[] {
  const stages = new Set<string>();
  const foreign: string[] = [];
  for (const line of text.replaceAll(/\\\s*\n/g, ' ').split('\n')) {
    const from = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$/i.exec(line);
    const copied = /^\s*(?:COPY|ADD|RUN)\s+(?:.*[\s,])?(?:--)?from=([^\s,]+)/i.exec(line);
    for (const image of [from?.[1], copied?.[1]]) {
      if (image !== undefined && !isOwn(image, stages)) foreign.push(image);
    }
    if (from?.[2] !== undefined) stages.add(from[2].toLowerCase());
  }
  return foreign;
}

function isOwn(image: string, stages: ReadonlySet<string>): boolean {
  return (
    ['${BASE}', '$BASE', 'scratch'].includes(image) || /^\d+$/.test(image) || stages.has(image.toLowerCase())
  );
}
