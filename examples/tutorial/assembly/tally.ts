/**
 * The tutorial's program in AssemblyScript: counts votes, one byte each, for 16 candidates; the counts go on from call
 * to call. Returns the number of the candidate who leads.
 */
@external("arbiter", "input_size")
declare function inputSize(): u32;
@external("arbiter", "input_read")
declare function inputRead(destination: usize, offset: u32, length: u32): void;

const counts: usize = memory.data(16 * 4, 4);
const vote: usize = memory.data(1);

export function gateway(): u32 {
  const votes = inputSize();
  let leader: u32 = 0;
  for (let i: u32 = 0; i < votes; i++) {
    inputRead(vote, i, 1);
    const candidate = load<u8>(vote);
    if (candidate < 16) {
      const at = counts + ((candidate as usize) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
  for (let i: u32 = 1; i < 16; i++) {
    if (load<u32>(counts + (i << 2)) > load<u32>(counts + (leader << 2))) leader = i;
  }
  return leader;
}
