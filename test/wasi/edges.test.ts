/** Calls at the edges of what WASI says: error numbers and what they leave, by the specification and by POSIX. */
import { describe, expect, test } from "vitest";
import { type Call, callPacked } from "./calls.ts";

const all = (1n << 28n) - 1n;
const text = (value: string) => new TextEncoder().encode(value);
const u64 = (memory: Uint8Array, at: number) =>
  new DataView(memory.buffer, memory.byteOffset).getBigUint64(at, true);
const [exist, inval, isDirectory, manyFiles] = [20, 28, 31, 33];
const [noEntry, noSpace, notDirectory, notCapable] = [44, 51, 54, 76];

/** Paths at fixed places. */
const memory = [
  [16, text("link")],
  [32, text("nowhere")],
  [48, text("made/")],
  [64, text("link/")],
  [80, text("dir")],
] as const;
const link = [16, 4] as const;
const nowhere = [32, 7] as const;
const linkSlash = [64, 5] as const;
const dir = [80, 3] as const;
const open = (path: readonly [number, number], options: number, follows = 1): Call => [
  ...(["path_open", 3, follows, ...path, options, all, all, 0, 4096] as const),
];
const [create, exclusive, truncate] = [1, 4, 8];

describe("path_open", () => {
  test("exclusively › a symbolic link is there, wherever it leads", () => {
    const { errors } = callPacked({
      memory,
      calls: [
        ["path_symlink", ...nowhere, 3, ...link],
        open(link, create | exclusive),
        ["path_filestat_get", 3, 0, ...nowhere, 4096],
        open(link, create),
        ["path_filestat_get", 3, 0, ...nowhere, 4096],
      ],
    });
    expect(errors).toEqual([0, exist, noEntry, 0, 0]);
  });

  test("truncating without the right makes no file", () => {
    const pathSetSize = 1n << 19n;
    const status = callPacked({ memory, calls: [["fd_fdstat_get", 3, 4096]] });
    const [rights, inheriting] = [4104, 4112].map((at) => u64(status.memory, at));
    const result = callPacked({
      memory,
      calls: [
        ["fd_fdstat_set_rights", 3, rights & ~pathSetSize, inheriting],
        open(nowhere, create | truncate),
        ["path_filestat_get", 3, 0, ...nowhere, 4096],
      ],
    });
    expect(result.errors).toEqual([0, notCapable, noEntry]);
  });

  test("without a free descriptor makes and truncates no file", () => {
    const opened = Array.from({ length: 1021 }, () => open(dir, 0));
    const { errors } = callPacked({
      memory,
      calls: [
        ["path_create_directory", 3, ...dir],
        ...opened.map(
          ([name, fd, follows, at, bytes]): Call => [
            name,
            fd,
            follows,
            at,
            bytes,
            0,
            0n,
            0n,
            0,
            4096,
          ],
        ),
        open(nowhere, create),
        ["path_filestat_get", 3, 0, ...nowhere, 4096],
      ],
    });
    expect(errors.slice(-3)).toEqual([manyFiles, manyFiles, noEntry]);
  });

  test("unknown flags of the lookup are invalid", () => {
    const { errors } = callPacked({
      memory,
      calls: [
        open(dir, create, 2),
        ["path_filestat_get", 3, 2, ...dir, 4096],
        ["path_filestat_set_times", 3, 2, ...dir, 0n, 0n, 0],
        ["path_link", 3, 2, ...dir, 3, ...link],
      ],
    });
    expect(errors).toEqual([inval, inval, inval, inval]);
  });
});

const clockAt = (at: number, userdata: number, timeout: bigint, flags = 0, clock = 1) => {
  const bytes = new Uint8Array(48);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(userdata), true);
  view.setUint32(16, clock, true);
  view.setBigUint64(24, timeout, true);
  view.setUint16(40, flags, true);
  return [at, bytes] as const;
};
const writableAt = (at: number, userdata: number) => {
  const [, bytes] = clockAt(at, userdata, 0n);
  bytes[8] = 2;
  bytes[16] = userdata;
  return [at, bytes] as const;
};

describe("poll_oneoff", () => {
  for (const [name, to] of [
    ["one subscription on", 1024 + 48],
    ["over them", 1024],
    ["a word on", 1024 + 8],
    ["a word before", 1024 - 8],
  ] as const) {
    test(`events that lie over subscriptions, ${name}, change none of them`, () => {
      const { errors, memory: after } = callPacked({
        memory: [writableAt(1024, 1), writableAt(1072, 2), writableAt(1120, 1)],
        calls: [["poll_oneoff", 1024, to, 3, 4096]],
      });
      expect(errors).toEqual([0]);
      expect([0, 1, 2].map((index) => u64(after, to + index * 32))).toEqual([1n, 2n, 1n]);
      expect([0, 1, 2].map((index) => after[to + index * 32 + 10])).toEqual([2, 2, 2]);
      expect(u64(after, 4096)).toBe(3n);
    });
  }

  test("unknown flags of a clock are invalid", () => {
    const { errors } = callPacked({
      memory: [clockAt(1024, 1, 5n, 2)],
      calls: [["poll_oneoff", 1024, 2048, 1, 4096]],
    });
    expect(errors).toEqual([inval]);
  });

  const most = (1n << 64n) - 1n;
  for (const timeout of [most, most - 1n, most - 946_684_800_000_000_000n, 1n << 63n]) {
    test(`a sleep of ${timeout} ns › no clock goes back`, () => {
      const clocks = [0, 1, 2, 3];
      const now = (at: number) =>
        clocks.map((clock): Call => ["clock_time_get", clock, 0n, at + clock * 8]);
      const sleep: Call = ["poll_oneoff", 1024, 2048, 1, 4096];
      const { errors, memory: after } = callPacked({
        memory: [clockAt(1024, 7, timeout)],
        calls: [...now(5000), sleep, ...now(5100), sleep, ...now(5200), sleep, ...now(5300)],
      });
      expect(errors.every((error) => error === 0)).toBe(true);
      for (const clock of clocks) {
        const times = [5000, 5100, 5200, 5300].map((at) => u64(after, at + clock * 8));
        expect(times, `clock ${clock}`).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)));
        expect(times[1] >= timeout, `clock ${clock}`).toBe(true);
      }
      expect([u64(after, 2048), u64(after, 4096)]).toEqual([7n, 1n]);
    });
  }
});

describe("clock_time_get", () => {
  test("in eras beyond 2^64 ns › clocks stand at their end and never go back", () => {
    const at = 4096;
    const times = [0, 1, 2047, 2049, 4096, 65_535].map((era) => {
      const calls: Call[] = [
        ["clock_time_get", 1, 0n, at],
        ["clock_time_get", 0, 0n, at + 8],
      ];
      const { memory: after } = callPacked({ memory: [], calls }, {}, {}, era);
      return [u64(after, at), u64(after, at + 8)];
    });
    const end = 2n ** 64n - 1n;
    const ofEras = [0n, 1n, 2047n].map((era) => (era * 9_007_199_254n) / 1_000_000n);
    expect(times.slice(0, 3).map(([time]) => time / 10n ** 12n)).toEqual(ofEras);
    expect(times.slice(3)).toEqual([
      [end, end],
      [end, end],
      [end, end],
    ]);
    for (const clock of [0, 1]) {
      const shown = times.map((each) => each[clock]);
      expect(shown).toEqual([...shown].sort((a, b) => (a < b ? -1 : 1)));
    }
  });
});

describe("without memory", () => {
  test("a packed file gets shorter, and not longer", () => {
    const { errors, memory: after } = callPacked(
      {
        memory,
        calls: [
          ["path_open", 3, 0, ...dir, 0, all, 0n, 0, 4096],
          ["fd_filestat_set_size", 4, 300_001n],
          ["fd_filestat_get", 4, 5000],
          ["fd_filestat_set_size", 4, 200_000n],
          ["fd_filestat_get", 4, 5100],
        ],
      },
      { files: [{ path: "/dir", bytes: new Uint8Array(300_000) }] },
      { limits: { memoryPages: 1 } },
    );
    expect(errors).toEqual([0, noSpace, 0, 0, 0]);
    expect([u64(after, 5032), u64(after, 5132)]).toEqual([300_000n, 200_000n]);
  });

  /** The adapter's memory is at its end after the first calls. */
  const small = { limits: { memoryPages: 12 } };
  const long = Uint8Array.from({ length: 4000 }, () => 120);

  test("path_symlink leaves no link", () => {
    const fill = Array.from({ length: 400 }, (_, index): Call[] => [
      ["path_symlink", 8192, 4000, 3, 16_384 + index * 4, 4],
    ]).flat();
    const names = Uint8Array.from(
      { length: 1600 },
      (_, at) =>
        97 + (at % 4 === 3 ? 0 : Math.floor(Math.floor(at / 4) / [1, 20, 400][at % 4]) % 20),
    );
    const stats = fill.map(
      (_, index): Call => [
        "path_readlink",
        3,
        16_384 + index * 4,
        4,
        32_768,
        4096,
        30_000 + index * 4,
      ],
    );
    const { errors, memory: after } = callPacked(
      {
        memory: [
          [8192, long],
          [16_384, names],
        ],
        calls: [...fill, ...stats],
      },
      {},
      small,
    );
    const made = errors.slice(0, 400);
    expect(made).toContain(noSpace);
    expect(made).toContain(0);
    made.forEach((error, index) => {
      expect(errors[400 + index], `link ${index}`).toBe(error === 0 ? 0 : noEntry);
      const bytes = new DataView(after.buffer).getUint32(30_000 + index * 4, true);
      expect(bytes, `link ${index}`).toBe(error === 0 ? 4000 : 0);
    });
  });
});

test("names that end in a slash › a link is not what it leads to", () => {
  const { errors } = callPacked({
    memory,
    calls: [
      ["path_symlink", ...nowhere, 3, ...link],
      ["path_create_directory", 3, ...linkSlash],
      ["path_filestat_get", 3, 0, ...nowhere, 4096],
      ["path_create_directory", 3, ...nowhere],
      ["path_remove_directory", 3, ...linkSlash],
      ["path_rename", 3, ...linkSlash, 3, ...dir],
      ["path_filestat_get", 3, 0, ...nowhere, 4096],
      open(dir, create | exclusive),
      open(nowhere, create),
    ],
  });
  expect(errors).toEqual([0, exist, noEntry, 0, notDirectory, notDirectory, 0, 0, isDirectory]);
});
