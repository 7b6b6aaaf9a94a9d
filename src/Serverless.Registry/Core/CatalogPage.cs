using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>A page of the catalog as somebody sees it who may see some of it.</summary>
/// <param name="Names">The names, in ASCII order. There may be fewer than were asked for, even none, though there are more.</param>
/// <param name="More">Whether there may be more.</param>
/// <param name="Cursor">Where to go on when that is not after the last of the names: a text that tells nobody what the registry holds. Null otherwise.</param>
public sealed record CatalogPage(IReadOnlyList<RepositoryName> Names, bool More, string? Cursor = null);
