using System.Text.RegularExpressions;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>Which children of an index must be in the repository when it is pushed.</summary>
public enum RequiredPlatforms
{
    /// <summary>Every child.</summary>
    All,

    /// <summary>None: an index may name images that were never copied here.</summary>
    None,

    /// <summary>Those for the platforms of a list.</summary>
    Listed,
}

/// <summary>Which layers of an image must be in the repository when its manifest is pushed.</summary>
public enum RequiredLayers
{
    /// <summary>Every layer.</summary>
    All,

    /// <summary>None: a mirror may hold manifests without all of their content. The config must be here.</summary>
    None,
}

/// <summary>What an operator demands of manifests beyond what the specification does.</summary>
public sealed record ManifestRules
{
    private static readonly TimeSpan s_matchTimeout = TimeSpan.FromSeconds(1);

    /// <summary>If there are any, every URL in a descriptor must match one of these expressions.</summary>
    public IReadOnlyList<Regex> AllowedUrls { get; init; } = [];

    /// <summary>No URL in a descriptor may match one of these expressions.</summary>
    public IReadOnlyList<Regex> DeniedUrls { get; init; } = [];

    /// <summary>Which children of an index must be here.</summary>
    public RequiredPlatforms RequiredPlatforms { get; init; }

    /// <summary>The platforms of <see cref="RequiredPlatforms.Listed"/>, as <c>os/architecture</c>.</summary>
    public IReadOnlyCollection<string> PlatformList { get; init; } = [];

    /// <summary>Which layers of an image must be here.</summary>
    public RequiredLayers RequiredLayers { get; init; }

    /// <summary>An expression for URLs, without backtracking and with a limit of time.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static Regex UrlExpression(string expression) => new(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, s_matchTimeout);

    /// <summary>Whether a manifest may be pushed without one of its blobs.</summary>
    public bool MayBlobBeAbsent(Manifest manifest, Descriptor blob) => blob.MayBeAbsent || (RequiredLayers == RequiredLayers.None && blob.Digest != manifest.Content.Config?.Digest);

    /// <summary>Whether an index may be pushed without one of its children.</summary>
    public bool MayChildBeAbsent(Descriptor child) => child.MayBeAbsent || RequiredPlatforms switch
    {
        RequiredPlatforms.None => true,
        RequiredPlatforms.Listed => child.Platform is not { } platform || !PlatformList.Contains(platform),
        _ => false,
    };

    /// <summary>Refuses descriptors with URLs that the operator does not want. The URLs are never fetched.</summary>
    /// <exception cref="RegistryException">MANIFEST_INVALID.</exception>
    public void CheckUrls(Manifest manifest)
    {
        foreach (var url in manifest.References.SelectMany(r => r.Urls))
        {
            var fits = Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.Fragment.Length == 0;
            if (!fits || (AllowedUrls.Count > 0 && !AllowedUrls.Any(a => a.IsMatch(url))) || DeniedUrls.Any(d => d.IsMatch(url)))
            {
                throw new RegistryException(RegistryError.ManifestInvalid, "a URL in a descriptor is not allowed", url);
            }
        }
    }
}
