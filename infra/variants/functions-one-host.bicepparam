// Azure Functions without an image: one host, which holds bodies with a length in its memory.
using '../main.bicep'

param instanceMemoryMB = 4096
