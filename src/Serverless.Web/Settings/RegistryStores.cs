using Serverless.Registry.Storage;

namespace Serverless.Web.Settings;

/// <summary>The two stores of a registry, before anybody watches their calls.</summary>
/// <param name="Tables">Where the metadata is.</param>
/// <param name="Objects">Where the bytes are.</param>
public sealed record RegistryStores(ITableStore Tables, IObjectStore Objects) : IDisposable
{
    /// <summary>What keeps files open for the stores; null: nothing does.</summary>
    public IDisposable? Owner { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Owner?.Dispose();
}
