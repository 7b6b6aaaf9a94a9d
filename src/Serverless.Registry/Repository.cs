using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Tags;

namespace Serverless.Registry;

/// <summary>One repository. It comes into being with its first push; holding this object says nothing about that.</summary>
public sealed class Repository
{
    internal Repository(RegistryContext context, UploadTokens uploads, PullNotes pulls, RepositoryName name, ChangeOrigin origin)
    {
        Name = name;
        Blobs = new BlobStore(context, uploads, name, origin);
        Manifests = new ManifestStore(context, name, origin);
        Tags = new TagStore(context, pulls, name, origin);
        Referrers = new ReferrerStore(context, name);
    }

    /// <summary>Its name.</summary>
    public RepositoryName Name { get; }

    /// <summary>Its blobs.</summary>
    public BlobStore Blobs { get; }

    /// <summary>Its manifests.</summary>
    public ManifestStore Manifests { get; }

    /// <summary>Its tags.</summary>
    public TagStore Tags { get; }

    /// <summary>Its referrers.</summary>
    public ReferrerStore Referrers { get; }
}
