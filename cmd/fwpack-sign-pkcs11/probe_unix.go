//go:build cgo && unix

package main

/*
#cgo linux LDFLAGS: -ldl

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { loaded, not_loaded, no_module, no_functions };

// probe loads a library and asks for its functions. The library stays loaded.
static int probe(const char *path, char **reason, unsigned long *code) {
	void *library = dlopen(path, RTLD_LAZY);
	if (library == NULL) {
		*reason = strdup(dlerror());
		return not_loaded;
	}
	unsigned long (*get)(void **) = (unsigned long (*)(void **))dlsym(library, "C_GetFunctionList");
	if (get == NULL)
		return no_module;
	void *functions = NULL;
	*code = get(&functions);
	return *code != 0 || functions == NULL ? no_functions : loaded;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// probe refuses a library that the binding would not survive: it calls the
// functions of a module that has given none, as OpenSC's pkcs11-spy does where
// it is not told what to spy on.
func probe(path string) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var reason *C.char
	var returned C.ulong
	switch C.probe(name, &reason, &returned) {
	case C.not_loaded:
		defer C.free(unsafe.Pointer(reason))
		return fmt.Errorf("it cannot be loaded: %s", C.GoString(reason))
	case C.no_module:
		return errors.New("a library without C_GetFunctionList: it is no PKCS #11 module")
	case C.no_functions:
		return fmt.Errorf("its C_GetFunctionList gave no functions, but %#x", uint(returned))
	}
	return nil
}
