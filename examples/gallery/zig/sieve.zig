//! Primes up to a bound that the length of the standard input says, and their gaps: Zig with its standard library.
const std = @import("std");

const wasi = std.os.wasi;

fn readAll(buffer: []u8) usize {
    var length: usize = 0;
    while (length < buffer.len) {
        var count: usize = 0;
        const vector = [_]wasi.iovec_t{.{ .base = buffer[length..].ptr, .len = buffer.len - length }};
        if (wasi.fd_read(0, &vector, 1, &count) != .SUCCESS or count == 0) break;
        length += count;
    }
    return length;
}

fn write(text: []const u8) void {
    var count: usize = 0;
    const vector = [_]wasi.ciovec_t{.{ .base = text.ptr, .len = text.len }};
    _ = wasi.fd_write(1, &vector, 1, &count);
}

var input: [65536]u8 = undefined;
var composite: [4_000_000]bool = undefined;

pub fn main() void {
    const bound = @min(readAll(&input) * 300, composite.len);
    @memset(composite[0..bound], false);
    var gaps: [256]u32 = @splat(0);
    var last: usize = 2;
    var primes: u32 = 0;
    var n: usize = 2;
    while (n < bound) : (n += 1) {
        if (composite[n]) continue;
        primes += 1;
        gaps[@min(n - last, 255)] += 1;
        last = n;
        if (n > bound / n) continue;
        var multiple = n * n;
        while (multiple < bound) : (multiple += n) composite[multiple] = true;
    }
    var text: [256]u8 = undefined;
    write(std.fmt.bufPrint(&text, "{d} primes below {d}\n", .{ primes, bound }) catch unreachable);
    for (gaps, 0..) |count, gap| {
        if (count > 2000) write(std.fmt.bufPrint(&text, "gap {d}: {d}, {d:.3}\n", .{ gap, count, @as(f64, @floatFromInt(count)) / @as(f64, @floatFromInt(primes)) }) catch unreachable);
    }
}
