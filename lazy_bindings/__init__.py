"""Makes the prebuilt provider packages of cdktf load only what is used. Import it before cdktf and constructs."""

from lazy_bindings import bindings as bindings
