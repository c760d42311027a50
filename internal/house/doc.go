// Package house holds the rules of the code base that no compiler knows, as
// tests.
package house
