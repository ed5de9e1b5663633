;; Copies between the memory of the command and that of the library.
(module
  (import "shell" "memory" (memory $shell 0))
  (import "gofmt" "memory" (memory $gofmt 0))
  (func (export "put") (param $to i32) (param $from i32) (param $size i32)
    (memory.copy $gofmt $shell (local.get $to) (local.get $from) (local.get $size)))
  (func (export "get") (param $to i32) (param $from i32) (param $size i32)
    (memory.copy $shell $gofmt (local.get $to) (local.get $from) (local.get $size))))
