import { describe, expect, it } from 'vitest';
import { parsePort } from '../http/names.ts';
import { parseListening } from './listening.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, state: string, inode: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;

describe('listening', () => {
  it('reads loopback and any-address listeners from 1024 on, IPv4 and IPv6', () => {
    const table =
      HEAD +
      line('0100007F:2253', '0A', 1) + // 127.0.0.1:8787
      line('00000000:1F90', '0A', 2) + // 0.0.0.0:8080
      line('0500007F:2254', '0A', 3) + // 127.0.0.5
      line('0100007F:0050', '0A', 4) + // port 80
      line('0100007F:2255', '01', 5) + // established
      line('0101A8C0:2256', '0A', 6); // 192.168.1.1
    expect(parseListening(table)).toEqual([
      { port: 8787, inode: '1' },
      { port: 8080, inode: '2' },
      { port: 8788, inode: '3' },
    ]);
    const six =
      HEAD +
      line(`${'0'.repeat(32)}:2253`, '0A', 7) +
      line(`${'0'.repeat(24)}01000000:2254`, '0A', 8) +
      line('0000000000000000FFFF00000100007F:2255', '0A', 9) +
      line('000080FE00000000FF005452E8A25BFE:2256', '0A', 10);
    expect(parseListening(six).map(({ port }) => port)).toEqual([8787, 8788, 8789]);
  });

  it('is not upset by an empty or a strange table', () => {
    for (const table of ['', HEAD, 'x\ny\n', HEAD + '   0: \n']) expect(parseListening(table)).toEqual([]);
  });

  it('T37 knows a port of the learner', () => {
    expect(['1024', '8787', '65535'].map(parsePort)).toEqual([1024, 8787, 65535]);
    for (const text of [
      '80',
      '1023',
      '65536',
      '99999',
      '080',
      '8787 ',
      '+8787',
      '0x2253',
      '80@evil',
      '127.0.0.1:22',
      '',
      '8787.0',
      '1e4',
    ])
      expect(parsePort(text)).toBeNull();
  });
});
