package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

const (
	limitTime  = time.Second // of each loop
	cacheBlock = 256 << 10   // stays in a processor's own cache
	copyBlock  = 64 << 20    // does not
)

// limits prints what one processor does at most, in loops that do nothing else,
// and what copying the image costs.
func (b *bench) limits() error {
	block := make([]byte, cacheBlock)
	key, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		return err
	}
	mode := cipher.NewCBCEncrypter(key, make([]byte, aes.BlockSize))
	encrypt := rate(len(block), func() { mode.CryptBlocks(block, block) })
	copied, err := b.copyRate()
	if err != nil {
		return err
	}
	fmt.Fprintln(b.out, "| limit, one processor | GB/s |\n|---|---|")
	for _, row := range []struct {
		name string
		rate float64
	}{
		{"SHA-256", hashRate()}, {"AES-256-CBC", encrypt},
		{"copying a file in the page cache (`cp`)", copied}, {"copying memory", memoryRate()},
	} {
		fmt.Fprintf(b.out, "| %s | %.2f |\n", row.name, row.rate)
	}
	fmt.Fprintf(b.out, "\n%s.\n", b.together())
	return nil
}

// together says what all processors do at the same time: as many times the work
// of one as there are of them only where nobody else works, and each is a core of
// its own.
func (b *bench) together() string {
	alone := hashRate()
	rates := make([]float64, b.cores)
	var all sync.WaitGroup
	for i := range rates {
		all.Go(func() { rates[i] = hashRate() })
	}
	all.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return fmt.Sprintf("%d processors together did %.2f times the work of one", b.cores, sum/alone)
}

func hashRate() float64 {
	block, digest := make([]byte, cacheBlock), sha256.New()
	return rate(len(block), func() { digest.Write(block) })
}

// rate is in GB/s.
func rate(size int, work func()) float64 {
	begun, done := time.Now(), 0
	for time.Since(begun) < limitTime {
		work()
		done += size
	}
	return float64(done) / 1e9 / time.Since(begun).Seconds()
}

// memoryRate counts the bytes copied, each of which is read and written.
func memoryRate() float64 {
	from, to := bytes.Repeat([]byte{1}, copyBlock), bytes.Repeat([]byte{2}, copyBlock) // touched: every page is its own
	return rate(copyBlock, func() { copy(to, from) })
}

func (b *bench) copyRate() (float64, error) {
	to := b.path("copied")
	s := side{commands: [][]string{{"cp", "--reflink=never", b.data.ext4, to}}, before: b.removing(to), output: to}
	if _, err := b.runSide(s, b.mib+b.mib/4); err != nil {
		return 0, err
	}
	var best time.Duration
	for range b.runs {
		got, err := b.runSide(s, b.mib+b.mib/4)
		if err != nil {
			return 0, err
		}
		if best == 0 || got.cost < best {
			best = got.cost
		}
	}
	return float64(b.imageSize()) / 1e9 / best.Seconds(), b.clean(to)
}
