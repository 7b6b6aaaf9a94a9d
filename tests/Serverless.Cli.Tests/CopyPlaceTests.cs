using Serverless.Cli.Copying;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class CopyPlaceTests : IDisposable
{
    private const string Digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("docker.io/library/alpine:3.22", "docker.io", "library/alpine", "3.22")]
    [InlineData("https://registry.example/team/app:v1", "https://registry.example", "team/app", "v1")]
    [InlineData("http://localhost:5000/app:v1", "http://localhost:5000", "app", "v1")]
    [InlineData("http://peer/app:v1", "http://peer", "app", "v1")]
    [InlineData("localhost/app", "localhost", "app", null)]
    [InlineData("127.0.0.1:5000/app@" + Digest, "127.0.0.1:5000", "app", Digest)]
    [InlineData("ghcr.io/owner/app:v1@" + Digest, "ghcr.io", "owner/app", Digest)]
    public void An_image_of_another_registry_has_its_host(string text, string registry, string name, string? reference)
    {
        var place = Assert.IsType<CopyPlace.Remote>(CopyPlace.Find(text));
        Assert.Equal((registry, name, reference), (place.Registry, place.Name.ToString(), place.Reference?.ToString()));
    }

    [Theory]
    [InlineData("alpine", "alpine", null)]
    [InlineData("team/app:v1", "team/app", "v1")]
    [InlineData("team/app@" + Digest, "team/app", Digest)]
    [InlineData("here:docker.io/library/alpine:3", "docker.io/library/alpine", "3")]
    public void Without_a_host_it_is_here(string text, string name, string? reference)
    {
        var place = Assert.IsType<CopyPlace.Here>(CopyPlace.Find(text));
        Assert.Equal((name, reference), (place.Name.ToString(), place.Reference?.ToString()));
    }

    [Theory]
    [InlineData("oci:/tmp/no/such", "/tmp/no/such", null)]
    [InlineData("oci:images:v1", "images", "v1")]
    public void A_layout_is_a_folder(string text, string folder, string? tag)
    {
        var place = Assert.IsType<CopyPlace.Layout>(CopyPlace.Find(text));
        Assert.Equal((folder, tag), (place.Folder, place.Reference?.ToString()));
    }

    [Fact]
    public void An_archive_is_a_file_and_its_image_stands_behind_it()
    {
        var file = Path.Combine(_folder, "a:b.tar");
        File.WriteAllText(file, "");
        Assert.Equal(new CopyPlace.DockerArchive(file, null), CopyPlace.Find($"docker-archive:{file}"));
        Assert.Equal(new CopyPlace.DockerArchive(file, "example:5000/app:v1") { Reference = Registry.Oci.Reference.Parse("v1") }, CopyPlace.Find($"docker-archive:{file}:example:5000/app:v1"));
        Assert.Equal(new CopyPlace.DockerArchive(file, null) { Reference = Registry.Oci.Reference.Parse("v1") }, CopyPlace.Find($"docker-archive:{file}:v1"));
        Assert.Equal(new CopyPlace.LayoutArchive(file), CopyPlace.Find($"oci-archive:{file}"));
        Assert.Equal(new CopyPlace.LayoutArchive(file) { Reference = Registry.Oci.Reference.Parse("v1") }, CopyPlace.Find($"oci-archive:{file}:v1"));
        Assert.Equal(new CopyPlace.Archive(file), CopyPlace.FindLocal(file));
        Assert.Equal(new CopyPlace.Layout(_folder), CopyPlace.FindLocal(_folder));
        Assert.Equal(new CopyPlace.LayoutArchive(file), CopyPlace.FindLocal($"oci-archive:{file}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("docker.io/")]
    [InlineData("https://docker.io")]
    [InlineData("docker.io/UPPER:v1")]
    [InlineData("docker.io/app:")]
    [InlineData("docker.io/app:-v1")]
    [InlineData("docker.io/app@sha256:abc")]
    [InlineData("ftp://docker.io/app:v1")]
    [InlineData("here:")]
    [InlineData("oci:")]
    [InlineData("oci:folder:not a tag")]
    [InlineData("oci-archive:")]
    [InlineData("docker-archive:")]
    public void What_could_mean_several_things_or_nothing_is_refused(string text) => Assert.Null(CopyPlace.Find(text));
}
