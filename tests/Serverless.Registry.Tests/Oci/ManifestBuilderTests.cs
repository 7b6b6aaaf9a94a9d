using System.Text;
using System.Text.Json;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Oci;

public sealed class ManifestBuilderTests
{
    private static readonly Descriptor s_config = new(MediaTypes.OciConfig, DigestOf("config"), 6);
    private static readonly Descriptor s_layer = new(MediaTypes.OciLayerGzip, DigestOf("layer"), 5)
    {
        Urls = ["https://a.example/layer"],
        Annotations = new Dictionary<string, string> { ["org.example.title"] = "\u00e4 \"quoted\" + <tag>" },
    };

    private static readonly Descriptor s_subject = new(MediaTypes.OciManifest, DigestOf("subject"), 7);

    [Fact]
    public void An_image_comes_back_as_it_was_built()
    {
        var builder = ManifestBuilder.ForImage(s_config).Append(s_layer);
        (builder.ArtifactType, builder.Subject) = ("application/x", s_subject);
        builder.Annotations["b"] = "2";
        builder.Annotations["a"] = "\u00e4\ud83d\ude00";
        var built = builder.Build();
        Assert.Equal([s_config.Digest, s_layer.Digest], builder.References.Select(r => r.Digest));

        var read = ManifestTypes.Default.Parse(null, built.Payload);
        Assert.Equal((MediaTypes.OciManifest, built.Digest), (read.MediaType, read.Digest));
        AssertSame([s_config, s_layer], read.Content.Blobs);
        AssertSame([s_subject], [read.Content.Subject!]);
        Assert.Equal("application/x", read.Content.ArtifactType);
        Assert.Equal(builder.Annotations.ToDictionary(), read.Content.Annotations);
    }

    [Fact]
    public void An_index_comes_back_as_it_was_built()
    {
        var child = new Descriptor(MediaTypes.OciManifest, DigestOf("child"), 5) { ArtifactType = "application/y" };
        var builder = ManifestBuilder.ForIndex().Append(child).Append(s_subject);
        (builder.ArtifactType, builder.Subject) = ("application/x", s_subject);
        builder.Annotations["a"] = "";
        var read = ManifestTypes.Default.Parse(MediaTypes.OciIndex, builder.Build().Payload);
        Assert.Equal(MediaTypes.OciIndex, read.MediaType);
        AssertSame([child, s_subject], read.Content.Manifests);
        AssertSame([s_subject], [read.Content.Subject!]);
        Assert.Equal(("application/x", ""), (read.Content.ArtifactType, read.Content.Annotations!["a"]));
    }

    [Fact]
    public void What_is_not_set_is_left_out()
    {
        using var image = JsonDocument.Parse(ManifestBuilder.ForImage(s_config).Build().Payload);
        Assert.Equal(["schemaVersion", "mediaType", "config", "layers"], image.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["mediaType", "digest", "size"], image.RootElement.GetProperty("config").EnumerateObject().Select(p => p.Name));
        using var index = JsonDocument.Parse(ManifestBuilder.ForIndex().Build().Payload);
        Assert.Equal(["schemaVersion", "mediaType", "manifests"], index.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void The_same_content_gives_the_same_bytes()
    {
        var (one, two) = (ManifestBuilder.ForIndex(), ManifestBuilder.ForIndex());
        (one.Annotations["a"], one.Annotations["b"]) = ("1", "2");
        (two.Annotations["b"], two.Annotations["a"]) = ("2", "1");
        Assert.Equal(one.Build().Digest, two.Build().Digest);
    }

    private static void AssertSame(IReadOnlyList<Descriptor> expected, IReadOnlyList<Descriptor> actual)
    {
        Assert.Equal(expected.Select(d => (d.MediaType, d.Digest, d.Size, d.ArtifactType)), actual.Select(d => (d.MediaType, d.Digest, d.Size, d.ArtifactType)));
        Assert.Equal(expected.SelectMany(d => d.Urls), actual.SelectMany(d => d.Urls));
        Assert.Equal(expected.Select(d => d.Annotations), actual.Select(d => d.Annotations));
    }

    private static Digest DigestOf(string text) => Digest.Compute(DigestAlgorithm.Sha256, Encoding.UTF8.GetBytes(text));
}
