using System.Diagnostics.CodeAnalysis;

namespace Serverless.Registry.Oci;

/// <summary>A refusal on the protocol's terms. It is thrown where the rule is known and written out in one place.</summary>
/// <param name="error">The row of the table.</param>
/// <param name="message">What is wrong in this case; the table's message when null.</param>
/// <param name="detail">What a program may want to know, written as JSON; a list of things that are all refused for the same reason; null when there is nothing to add.</param>
/// <param name="innerException">The cause.</param>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "A refusal without an error would have no status.")]
public sealed class RegistryException(RegistryError error, string? message = null, object? detail = null, Exception? innerException = null)
    : Exception(message ?? error.Message, innerException)
{
    /// <summary>The row of the table.</summary>
    public RegistryError Error { get; } = error;

    /// <summary>What a program may want to know: strings, numbers, lists and dictionaries of them.</summary>
    public object? Detail { get; } = detail;
}
