package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// errFull ends the walk that collects files.
var errFull = errors.New("enough files")

// sources are the folders that data is taken from.
var sources = []string{"/usr/bin", "/usr/share/doc", "/usr/lib", "/usr/share", "/usr/local"}

// plant fills a folder with programs, libraries and documents of this machine,
// unless that was done before: as many as fit into the image.
func (b *bench) plant(tree string) error {
	if _, err := os.Stat(tree); err == nil {
		return nil
	}
	const journal = 8 << 20 // of small images; what other tables take grows with the image
	room := b.imageSize()*85/100 - journal
	for _, from := range sources {
		err := collect(from, filepath.Join(tree, from), &room)
		if errors.Is(err, errFull) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// collect copies regular files until there is no room left. What cannot be read
// is left out.
func collect(from, to string, room *int64) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		source, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer source.Close()
		info, err := source.Stat()
		if err != nil {
			return nil
		}
		const block = 4 << 10
		if *room -= (info.Size() + block - 1) / block * block; *room < 0 {
			return errFull
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyTo(filepath.Join(to, rel), source)
	})
}

// copyTo writes a new file in a folder that is made for it. Nothing of it stays
// in memory: a process is said to have had as much as the one that started it.
func copyTo(target string, source io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return err
	}
	f, err := os.Create(target)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, source); err != nil {
		return err
	}
	return f.Close()
}

// fill writes a file of so many MiB.
func fill(path string, mib int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for range mib {
		if _, err := f.Write(block); err != nil {
			return err
		}
	}
	return f.Close()
}
