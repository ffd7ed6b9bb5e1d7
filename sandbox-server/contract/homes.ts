/** `homes:` in the settings: where the files of labs are kept whose sandboxes have no disk of their own. */
import { z } from 'zod';

const S3 = z.strictObject({
  /** absent: AWS itself */
  endpoint: z.url().optional(),
  bucket: z.string().min(3).max(63),
  /** before each key, e.g. `palestra/` */
  prefix: z
    .string()
    .max(200)
    .regex(/^(?:[a-z0-9][a-z0-9._-]*\/)*$/, { message: 'lower-case parts that each end in /' })
    .default(''),
  region: z.string().default('us-east-1'),
  /** the bucket in the path, not in the host's name: what servers other than AWS want */
  pathStyle: z.boolean().default(true),
  /** names of environment variables that hold the keys; absent: what AWS's clients look for by themselves */
  accessKeyEnv: z.string().optional(),
  secretKeyEnv: z.string().optional(),
});
export type S3Settings = z.infer<typeof S3>;

export const HomesSettings = z
  .strictObject({
    /** a bucket: for any number of servers */
    s3: S3.optional(),
    /** a folder: for one server, or several that all see it (`shared`) */
    folder: z.strictObject({ path: z.string().min(1), shared: z.boolean().default(false) }).optional(),
    /** a volume of the cluster for each lab, instead of saves: it stays while the lab is kept, and labs start cold */
    volume: z
      .strictObject({
        /** of each */
        bytes: z
          .number()
          .int()
          .positive()
          .default(2 * 1024 ** 3),
        /** absent: the cluster's default */
        storageClass: z.string().min(1).optional(),
      })
      .optional(),
    /** a home that changes is saved so often, minutes */
    everyMinutes: z.number().positive().default(5),
    /** copies of each home */
    keep: z.number().int().min(1).max(100).default(3),
    /** of files in one home, bytes before compression; what does not fit is left out, and said */
    bytes: z
      .number()
      .int()
      .positive()
      .default(2 * 1024 ** 3),
    /** files and folders in one home */
    entries: z.number().int().positive().max(1_000_000).default(200_000),
  })
  .refine((all) => [all.s3, all.folder, all.volume].filter((one) => one !== undefined).length <= 1, {
    message: 'one of s3, folder and volume, not more',
  });
export type HomesSettings = z.infer<typeof HomesSettings>;
