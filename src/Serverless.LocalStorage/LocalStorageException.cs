using System.Diagnostics.CodeAnalysis;

namespace Serverless.LocalStorage;

/// <summary>A folder cannot be a registry's storage, as it is now or at all. The message says why, and what to do.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "It always has a cause to tell.")]
public sealed class LocalStorageException(string message, Exception? innerException = null) : Exception(message, innerException);
