// What a Go program asks of its system; the scheduler asks for clocks and poll_oneoff besides.
package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

func list(path string) string {
	entries, err := os.ReadDir(path)
	if err != nil {
		return "no " + path
	}
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	sort.Strings(names)
	return path + ": " + strings.Join(names, " ")
}

func main() {
	for index, argument := range os.Args[1:] {
		fmt.Printf("argument %d: %s\n", index+1, argument)
	}
	fmt.Println("NAME=" + os.Getenv("NAME"))
	fmt.Println(list("/data"))
	text, err := os.ReadFile("/data/text.txt")
	fmt.Println(len(text), err)
	fmt.Println(os.MkdirAll("/data/a/b", 0o777), os.WriteFile("/data/a/b/c", text, 0o666))
	fmt.Println(os.Rename("/data/a/b/c", "/data/a/d"), list("/data/a"))
	_, err = os.Open("/data/missing")
	fmt.Println(os.IsNotExist(err), os.RemoveAll("/data/a"), list("/data/a"))
	started := time.Now()
	var group sync.WaitGroup
	sums := make(chan int, 4)
	for worker := 0; worker < 4; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			time.Sleep(time.Duration(worker) * 10 * time.Millisecond)
			sums <- worker
		}()
	}
	group.Wait()
	fmt.Println("slept", time.Since(started) >= 20*time.Millisecond, <-sums)
	input, _ := io.ReadAll(os.Stdin)
	sum := 0
	for _, each := range input {
		sum += int(each)
	}
	fmt.Printf("stdin: %d bytes, sum %d\n", len(input), sum)
	os.Exit(sum % 100)
}
