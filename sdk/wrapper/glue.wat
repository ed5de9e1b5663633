;; What Rust, knowing one memory, cannot say. wasm-merge puts this and the compiled wrapper together: the application's
;; memory is then memory 0, on which the host's functions work, and the wrapper's own is memory 1.
(module
  (import "application" "memory" (memory $application 0))
  (import "wrapper" "memory" (memory $own 0))
  (import "arbiter" "input_read" (func $input_read (param i32 i32 i32)))

  ;; Bytes of the call's input, to the application's memory.
  (func (export "read") (param $destination i32) (param $offset i32) (param $length i32)
    (call $input_read (local.get $destination) (local.get $offset) (local.get $length)))
  ;; Bytes of the application's memory, to the wrapper's.
  (func (export "fetch") (param $destination i32) (param $source i32) (param $length i32)
    (memory.copy $own $application
      (local.get $destination) (local.get $source) (local.get $length)))
  ;; Bytes of the wrapper's memory, to the application's.
  (func (export "put") (param $destination i32) (param $source i32) (param $length i32)
    (memory.copy $application $own
      (local.get $destination) (local.get $source) (local.get $length))))
