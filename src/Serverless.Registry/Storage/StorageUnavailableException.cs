using System.Diagnostics.CodeAnalysis;

namespace Serverless.Registry.Storage;

/// <summary>
/// Storage did not answer, answered with a failure of its own, or asked for a pause, and retries did not help. The call may or may not have been
/// applied. The same request may be sent again.
/// </summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "It always has a cause to tell.")]
public sealed class StorageUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
