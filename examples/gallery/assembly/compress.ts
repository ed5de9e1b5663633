/** The standard input compressed by LZ77 and expanded again: AssemblyScript over two functions of WASI. */
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, vectors: usize, count: i32, read: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32;

const vector = memory.data(16);

function readAll(): Uint8Array {
  const buffer = new Uint8Array(65536);
  let length = 0;
  while (length < buffer.length) {
    store<u32>(vector, (buffer.dataStart + length) as u32);
    store<u32>(vector + 4, (buffer.length - length) as u32);
    if (fd_read(0, vector, 1, vector + 8) != 0) break;
    const count = load<u32>(vector + 8) as i32;
    if (count == 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

function print(text: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text + "\n"));
  store<u32>(vector, bytes.dataStart as u32);
  store<u32>(vector + 4, bytes.length as u32);
  fd_write(1, vector, 1, vector + 8);
}

function compress(input: Uint8Array): Array<u32> {
  const tokens: u32[] = [];
  for (let at = 0; at < input.length; ) {
    let best = 0;
    let distance = 0;
    for (let from = max(0, at - 100); from < at; from++) {
      let length = 0;
      while (at + length < input.length && length < 255 && input[from + length] == input[at + length]) length++;
      if (length > best) {
        best = length;
        distance = at - from;
      }
    }
    if (best > 3) {
      tokens.push((1 << 31) | (distance << 8) | best);
      at += best;
    } else tokens.push(input[at++]);
  }
  return tokens;
}

function expand(tokens: Array<u32>, length: i32): Uint8Array {
  const output = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token >> 31) {
      const distance = ((token >> 8) & 0x7fffff) as i32;
      for (let left = (token & 255) as i32; left > 0; left--, at++) output[at] = output[at - distance];
    } else output[at++] = token as u8;
  }
  return output;
}

const input = readAll();
const tokens = compress(input);
const again = expand(tokens, input.length);
let differences = 0;
for (let i = 0; i < input.length; i++) if (input[i] != again[i]) differences++;
print(`${input.length} bytes, ${tokens.length} tokens, ${differences} differences`);
print(`ratio ${(tokens.length as f64) / (input.length as f64)}`);
