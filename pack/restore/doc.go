// Package restore makes of a finished bundle a project that builds it again.
//
// Read looks at the bundle and says how each payload is packed anew; Write puts the
// project file, the template of the description and the payloads into a folder. What
// is built there says the same as the bundle, and has the same payloads: byte for
// byte where they are not encrypted. A payload is unpacked, and compressed again by
// the project, where that gives the same bytes; else it stays compressed.
//
// What no bundle holds is left to a person: private keys, the AES keys of devices,
// and what MCUboot images were signed with, which stay files.
package restore
