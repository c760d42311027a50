//go:build linux || darwin

package main

import (
	"log"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// limitFileSize is the program "limit-file-size N PROGRAM ARGS...", which runs
// another one that can write files of N bytes at most.
func limitFileSize() {
	size, err := strconv.ParseUint(os.Args[1], 10, 63)
	if err != nil {
		log.Fatal(err)
	}
	path, err := exec.LookPath(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		log.Fatal(err)
	}
	limit.Cur = size
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		log.Fatal(err)
	}
	log.Fatal(syscall.Exec(path, os.Args[2:], os.Environ()))
}
