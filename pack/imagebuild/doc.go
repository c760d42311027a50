// Package imagebuild makes MCUboot images out of firmware, in all the forms that
// a release needs, and holds them against the bootloader that they are for before
// anything is signed.
//
//	Read      the firmware out of a file
//	Spec      says what becomes of it
//	NewDraft  makes it up to the signature, and finds what the bootloader would refuse
//	Draft     is then signed, or takes a signature from elsewhere
//	Made      has the files
package imagebuild
