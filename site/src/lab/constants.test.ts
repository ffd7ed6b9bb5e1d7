import { expect, it } from 'vitest';
import * as ours from './constants.ts';
import * as terminal from '../../../sandbox-server/contract/terminal.ts';
import * as files from '../../../sandbox-server/contract/files.ts';
import * as api from '../../../sandbox-server/contract/api.ts';

it('keeps the page’s constants equal to the contract’s', () => {
  expect({ ...ours }).toEqual({
    TERMINAL_PROTOCOL: terminal.TERMINAL_PROTOCOL,
    XSRF_HEADER: api.XSRF_HEADER,
    CLOSE: terminal.CLOSE,
    MESSAGE_LIMIT: terminal.MESSAGE_LIMIT,
    EDITOR_LIMIT: files.EDITOR_LIMIT,
    UPLOAD_LIMIT: files.UPLOAD_LIMIT,
  });
});
