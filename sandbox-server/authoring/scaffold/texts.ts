/** What a new course and a new lesson say. The lesson passes `palestra prove` as it stands. Pure. */
import { stringify } from 'yaml';

export interface CourseWords {
  readonly title: string;
  readonly kit: string;
  readonly lesson: string;
  /** the editor's line */
  readonly schema: string;
}

const scalar = (text: string) => stringify(text, { lineWidth: 0 }).trimEnd();

export const courseText = ({ title, kit, lesson, schema }: CourseWords) => `${schema}
title: ${scalar(title)}
summary: What one learns here, in a sentence.
audience: Who it is for, and what they should know already.
authors: [Your Name]
licence: CC-BY-4.0
kit: ${kit}
groups: []
lessons: [${lesson}]
`;

export interface LessonWords {
  readonly title: string;
  /** the lesson's folder in the learner's home: lessons of a course share it */
  readonly folder: string;
  readonly schema: string;
}

/** A lesson of one step: what a learner does is checked, what goes wrong is recognised, and it can be undone. */
export const lessonText = ({ title, folder, schema }: LessonWords) => `---
${schema}
title: ${scalar(title)}
minutes: 10
questions: [How do I keep a result?]
objectives: [Write a result to a file]
keypoints: [What is not written down is lost.]
---

Programs come and go; files stay. This lesson gives you some numbers of your own and asks for their sum.

\`\`\`bash setup
# from this learner's seed, so that no expected number stands on the page
mkdir -p ${folder}
[ -s ${folder}/numbers.txt ] || for i in 0 2 4 6; do
  echo $((10 + 16#\${PALESTRA_SEED:i:2}))
done > ${folder}/numbers.txt
\`\`\`

## Keep the sum

Your numbers are in \`${folder}/numbers.txt\`:

\`\`\`bash run
cat ${folder}/numbers.txt
\`\`\`

Write their sum to \`${folder}/sum.txt\`.

\`\`\`bash run example
COMMAND ${folder}/numbers.txt > ${folder}/sum.txt
\`\`\`

\`\`\`bash check
sum=0; while read -r number; do sum=$((sum + number)); done < ${folder}/numbers.txt
[ -s ${folder}/sum.txt ] || { echo "There is no ${folder}/sum.txt yet, or it is empty."; exit 1; }
read -r said < ${folder}/sum.txt
[ "$said" != "$(wc -l < ${folder}/numbers.txt)" ] || { echo "hint counted"; echo "sum.txt says how many numbers there are."; exit 1; }
[ "$said" = "$sum" ] || { echo "sum.txt says $said, which is not the sum of your numbers."; exit 1; }
echo "The sum is kept: $said."
\`\`\`

\`\`\`bash solution
awk '{ sum += $1 } END { print sum }' ${folder}/numbers.txt > ${folder}/sum.txt
\`\`\`

\`\`\`bash wrong hint=counted
awk 'END { print NR }' ${folder}/numbers.txt > ${folder}/sum.txt
\`\`\`

\`\`\`bash undo
rm -f ${folder}/sum.txt
\`\`\`

:::hint[Counted, not added]{#counted}
\`NR\` is the number of lines that awk has read. To add up, keep a total: \`sum += $1\` for each line, and print it at the
\`END\`.
:::
`;
