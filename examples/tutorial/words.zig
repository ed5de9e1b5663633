//! Counts words: each call reads a text, adds its words to a map that goes on from call to call, and returns how many
//! different words there are. With Zig's standard library and its allocator for WebAssembly.
const std = @import("std");

extern "arbiter" fn input_size() u32;
extern "arbiter" fn input_read(destination: [*]u8, offset: u32, length: u32) void;

const allocator = std.heap.wasm_allocator;
var counts: std.StringHashMapUnmanaged(u32) = .empty;

fn add(word: []const u8) !void {
    const found = try counts.getOrPut(allocator, word);
    if (found.found_existing) {
        found.value_ptr.* += 1;
    } else {
        found.key_ptr.* = try allocator.dupe(u8, word);
        found.value_ptr.* = 1;
    }
}

fn count() !u32 {
    const text = try allocator.alloc(u8, input_size());
    defer allocator.free(text);
    input_read(text.ptr, 0, text.len);
    var words = std.mem.tokenizeAny(u8, text, " \t\r\n");
    while (words.next()) |word| try add(word);
    return counts.count();
}

export fn gateway() u32 {
    return count() catch @trap();
}
