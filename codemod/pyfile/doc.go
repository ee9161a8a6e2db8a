// Package pyfile reads one Python file and knows nothing of any other.
//
// There are three depths, each as cheap as its question allows. [Scan] follows
// indentation, strings and brackets only, and gives an [Outline]: the imports
// with their scopes, and the strings that look like dotted names. A [Parser]
// (tree-sitter) gives the rest: [Parser.Module] what the module's statements
// bind, in execution order, and its `__all__`; [Parser.Names] what every name
// in the file means, by the language reference, "Naming and binding".
//
// Any bytes are accepted. What cannot be read spoils nothing else: the outline
// says from where on it cannot be trusted, the tree where it is sound.
package pyfile
