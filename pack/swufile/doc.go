// Package swufile reads finished SWUpdate bundles, .swu files that somebody made,
// perhaps somebody hostile.
//
// Read goes through a bundle once, from its begin to its end. It keeps the
// description and its signature in memory, opens the description where it is
// encrypted and the key is given, and opens every payload to its end as a device
// would that installs it: decrypted, decompressed, hashed. A visitor may look at
// what comes out.
//
// What is wrong with a bundle is in the File; an error says that it cannot be read
// any further.
package swufile
