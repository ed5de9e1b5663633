// A Go program whose state lives from call to call: what it has counted, and a file.
package main

import (
	"fmt"
	"io"
	"os"
)

var total int

//go:wasmexport gateway
func gateway() int32 {
	input, _ := io.ReadAll(os.Stdin)
	before, _ := os.ReadFile("/log")
	total += len(input)
	fmt.Printf("%s%d bytes in all\n", before, total)
	os.WriteFile("/log", []byte(fmt.Sprintf("before: %d; ", total)), 0o644)
	return int32(total)
}

func main() {}
