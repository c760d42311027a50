package filemap

import (
	"fmt"
	"time"
)

// Advice tells what differs between two builds of an image that need not, each
// with the way to make it the same. What is left between builds without advice
// are the changes of files. Maps of different kinds of file systems get one
// sentence that says so.
func Advice(old, new *Map) []string {
	if old.Kind != new.Kind {
		return []string{fmt.Sprintf("one is %s, the other %s: devices can use little of what they have", old.Kind, new.Kind)}
	}
	a := adviser{old: old, new: new}
	if old.Kind == "squashfs" {
		a.squash()
	} else {
		a.ext()
	}
	return a.all
}

// adviser collects advice.
type adviser struct {
	old, new *Map
	all      []string
}

func (a *adviser) say(format string, args ...any) {
	a.all = append(a.all, fmt.Sprintf(format, args...))
}

// Where build systems take options. Yocto: class image_types of
// openembedded-core. Buildroot: fs/ext2/ext2.mk, fs/squashfs/squashfs.mk and
// fs/common.mk.
const (
	extWhere  = "Yocto has EXTRA_IMAGECMD:ext4 for it, Buildroot BR2_TARGET_ROOTFS_EXT2_MKFS_OPTIONS"
	fixedTime = "set SOURCE_DATE_EPOCH for mke2fs, or E2FSPROGS_FAKE_TIME before e2fsprogs 1.47.1"
	allTimes  = "Buildroot does so with BR2_REPRODUCIBLE, Yocto with REPRODUCIBLE_TIMESTAMP_ROOTFS"
)

func (a *adviser) ext() {
	o, n := &a.old.Made, &a.new.Made
	a.extSuper(o, n)
	a.extTimes(o, n)
	same := a.compare()
	a.extFiles(same)
}

// extSuper compares what superblocks say.
func (a *adviser) extSuper(o, n *Made) {
	if o.UUID != n.UUID {
		reach := "every copy of the superblock"
		if n.SeedsChecksums {
			reach += " and, through metadata_csum, in the checksum of every inode, directory, bitmap and block map"
		}
		a.say("the UUIDs differ (%s, %s); it is in %s: give one with mke2fs -U UUID; %s", o.UUID, n.UUID, reach, extWhere)
	}
	if o.HashSeed != n.HashSeed {
		a.say("the hash seeds differ (%s, %s), by which large directories are ordered: give one with mke2fs -E hash_seed=UUID; %s",
			o.HashSeed, n.HashSeed, extWhere)
	}
	if o.Label != n.Label {
		a.say("the labels differ (%q, %q): give the same one with mke2fs -L", o.Label, n.Label)
	}
	if o.Options != n.Options {
		a.say("the file systems were made in different ways, so that everything may have moved: %s; and: %s", o.Options, n.Options)
	}
}

// extTimes compares the times in superblocks. Each tool has its own variable:
// measured with e2fsprogs 1.47.0.
func (a *adviser) extTimes(o, n *Made) {
	if o.Created != n.Created {
		a.say("they were made at different times (%s, %s): %s", date(o.Created), date(n.Created), fixedTime)
	}
	if (o.Written != n.Written || o.Checked != n.Checked) && (o.Created == n.Created || n.Checked != n.Created) {
		a.say("they were written or checked at different times (%s, %s): set E2FSCK_TIME for e2fsck, which Yocto runs on its images",
			date(o.Written), date(n.Written))
	}
	if n.Mounted != 0 && (o.Mounted != n.Mounted || o.Mounts != n.Mounts) {
		a.say("the image was mounted (at %s): fill it with mke2fs -d, because a kernel places files and numbers by chance", date(n.Mounted))
	}
	if n.Dirty {
		a.say("the image was not unmounted properly, so that its journal and its superblock vary: unmount it, or fill it with mke2fs -d")
	}
}

// extFiles says what most files differ in.
func (a *adviser) extFiles(d differences) {
	const pack = "mke2fs -d copies it from the folder: " +
		"pack the folder with tar --sort=name --mtime=@$SOURCE_DATE_EPOCH --clamp-mtime --format=posix --pax-option=delete=atime,delete=ctime " +
		"and give the archive to mke2fs -d (e2fsprogs 1.47.1 and later)"
	if d.most(d.modify) {
		a.say("%s other modification times: set them in the folder, with touch -h -d @$SOURCE_DATE_EPOCH; %s", d.many(d.modify), allTimes)
	}
	if d.most(d.change) {
		a.say("%s other change times (ctime), which cannot be set in a folder; %s", d.many(d.change), pack)
	}
	if d.most(d.access) {
		a.say("%s other access times; %s", d.many(d.access), pack)
	}
	if d.most(d.birth) {
		a.say("%s other creation times (crtime): %s", d.many(d.birth), fixedTime)
	}
	if d.most(d.generation) {
		a.say("%s other generation numbers, which a kernel chooses by chance: fill the image with mke2fs -d", d.many(d.generation))
	}
	if d.inode > 0 && d.samePaths {
		a.say("%s other inode numbers, although no file was added or removed: copy files in the order of their names, "+
			"from an archive made with tar --sort=name", d.many(d.inode))
	}
}

func (a *adviser) squash() {
	o, n := &a.old.Made, &a.new.Made
	if o.Created != n.Created {
		a.say("they were made at different times (%s, %s): set SOURCE_DATE_EPOCH for mksquashfs 4.4 and later, or give -mkfs-time", date(o.Created), date(n.Created))
	}
	if o.Options != n.Options {
		a.say("they were compressed in different ways, so that all data may differ: %s; and: %s", o.Options, n.Options)
	}
	if d := a.compare(); d.most(d.modify) {
		a.say("%s other modification times: give -all-time to mksquashfs 4.4 and later, or set them in the folder; %s", d.many(d.modify), allTimes)
	}
}

// date formats a time as people write it.
func date(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04:05")
}

// differences counts the files that are in two images and differ.
type differences struct {
	files                                            int
	samePaths                                        bool // no file is in one image only
	access, modify, change, birth, generation, inode int
}

// most tells whether so many files differ that it is no change of their own:
// more than a tenth, and more than were modified.
func (d differences) most(n int) bool { return n > 0 && n*10 > d.files }

func (d differences) many(n int) string {
	return fmt.Sprintf("%d of %d files have", n, d.files)
}

// compare goes through the files of both images, which are sorted.
func (a *adviser) compare() (d differences) {
	o, n := a.old.files, a.new.files
	d.samePaths = len(o) == len(n)
	for len(o) > 0 && len(n) > 0 {
		switch {
		case o[0].path < n[0].path:
			o, d.samePaths = o[1:], false
		case o[0].path > n[0].path:
			n, d.samePaths = n[1:], false
		default:
			d.count(&o[0], &n[0])
			o, n = o[1:], n[1:]
		}
	}
	return d
}

func (d *differences) count(o, n *file) {
	d.files++
	for _, c := range []struct {
		n      *int
		differ bool
	}{
		{&d.access, o.times.access != n.times.access},
		{&d.modify, o.times.modify != n.times.modify},
		{&d.change, o.times.change != n.times.change},
		{&d.birth, o.times.birth != n.times.birth},
		{&d.generation, o.generation != n.generation},
		{&d.inode, o.inode != n.inode},
	} {
		if c.differ {
			*c.n++
		}
	}
}
