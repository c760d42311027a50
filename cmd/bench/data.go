package main

import (
	"fmt"
	"os"
	"os/exec"
)

// minSize in MiB leaves room for parts of all sizes, and is what mkfs.ext4 makes
// a file system of without a word.
const minSize = 16

// dataset is what contests pack. It is made of files of this machine: different
// on each, and of the same kind.
type dataset struct {
	ext4         string // of bench.mib MiB
	squashfs     string // of the same files
	squashfsSize int64
}

// makeData makes the images, or takes those made before, and reads each once, so
// that nobody pays for the disk.
func (b *bench) makeData() (dataset, error) {
	data := dataset{
		ext4:     b.path(fmt.Sprintf("rootfs-%d.ext4", b.mib)),
		squashfs: b.path(fmt.Sprintf("rootfs-%d.squashfs", b.mib)),
	}
	tree := b.path("tree")
	defer os.RemoveAll(tree)
	images := []struct {
		path    string
		command []string
	}{
		{data.ext4, []string{"mkfs.ext4", "-q", "-F", "-d", tree, data.ext4, fmt.Sprintf("%dM", b.mib)}},
		{data.squashfs, []string{"mksquashfs", tree, data.squashfs, "-quiet", "-no-progress", "-noappend", "-all-root"}},
	}
	for _, image := range images {
		if err := b.makeImage(tree, image.path, image.command); err != nil {
			return dataset{}, err
		}
	}
	info, err := os.Stat(data.squashfs)
	if err != nil {
		return dataset{}, err
	}
	data.squashfsSize = info.Size()
	return data, nil
}

func (b *bench) makeImage(tree, path string, command []string) error {
	if _, err := os.Stat(path); err == nil {
		return warm(path)
	}
	if err := b.plant(tree); err != nil {
		return err
	}
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		os.Remove(path)
		return fmt.Errorf("%s: %w\n%s", command[0], err, out)
	}
	return warm(path)
}

// warm reads the file once.
func warm(path string) error {
	return exec.Command("cat", path).Run()
}
