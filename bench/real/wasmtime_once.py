"""Plays a tape on wasmtime with fuel and canonical NaNs: python wasmtime_once.py DIR; prints JSON (bench/real.ts)."""
import json, os, sys, time
import wasmtime

folder = sys.argv[1]
read = lambda name: open(os.path.join(folder, name + ".wasm"), "rb").read()
config = wasmtime.Config()
config.consume_fuel = True
try:
    config.cranelift_nan_canonicalization = True
except AttributeError:
    wasmtime._ffi.wasmtime_config_cranelift_nan_canonicalization_set(config.ptr(), True)
config.wasm_multi_memory = True


def run():
    start, cpu = time.perf_counter(), time.process_time()
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_fuel(2**63 - 1)
    linker = wasmtime.Linker(engine)
    make = lambda name: wasmtime.Module(engine, read(name))
    circle = linker.instantiate(store, make("circle"))
    linker.define_instance(store, "tape", circle)
    if os.path.exists(os.path.join(folder, "memory.wasm")):
        linker.define_instance(store, "memory", linker.instantiate(store, make("memory")))
    program = linker.instantiate(store, make("program"))
    linker.define_instance(store, "program", program)
    tape = linker.instantiate(store, make("tape"))
    table = circle.exports(store)["t"]
    exports = tape.exports(store)
    index = 0
    while True:
        function = exports.get("f%d" % index)
        if function is None:
            break
        table.set(store, index, function)
        index += 1
    compiled_cpu = time.process_time()
    exports["gateway"](store)
    end, end_cpu = time.perf_counter(), time.process_time()
    # Processor time of all threads: the compiler's are part of a cold run.
    return {"coldMs": (end_cpu - cpu) * 1e3, "runMs": (end_cpu - compiled_cpu) * 1e3, "clockMs": (end - start) * 1e3}


print(json.dumps(run()))
