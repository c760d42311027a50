// Package filemap says which file a byte of a file system's image belongs to.
//
// Call [Read] with an image. The [Map] that it returns has what lies in the
// image, in order, and [Map.At] says what lies in a range, such as a chunk that
// devices do not have yet. [Advice] compares the maps of two builds and tells
// what differs between them that should not.
//
// # ext2, ext3, ext4
//
// The superblock stands at offset 1024 and divides the image into groups of
// blocks. A table of descriptors says for each group where its bitmaps and its
// table of inodes are. An inode has the blocks of a file, as a tree of extents
// or as lists of blocks. Directories are files with names and numbers of
// inodes. Read goes through the tables of inodes from front to back, collects
// blocks and names, and puts both together. The layout is that of the
// Linux kernel's document "ext4 Data Structures and Algorithms".
//
// # squashfs 4.0
//
//	superblock
//	data blocks and blocks of fragments, each compressed on its own
//	inode table
//	directory table
//	fragment table, export table, id table, table of extended attributes
//
// Tables are sequences of blocks that hold 8 KiB each when they are not
// compressed. A file is a run of data blocks; its tail may be in a block of
// fragments that it shares with other files. The layout is that of the
// Linux kernel's document "Squashfs 4.0 Filesystem" and of the format's
// description in squashfs-tools-ng.
//
// # Hostile images
//
// Read does work in proportion to the size of the image and to its number of
// files, of which it takes four million. What contradicts itself, such as a
// block with two owners, is a [FormatError].
package filemap
