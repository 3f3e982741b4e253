//! Events as a person or a program reads them.
