using Microsoft.Extensions.Configuration;
using Serverless.Cli.Adoption;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary><c>registry adopt config</c>: what a config.yml of distribution becomes.</summary>
public sealed class AdoptConfigTests : CliTest, IDisposable
{
    private const string Everything = """
        version: 0.1
        log:
          accesslog: {disabled: true}
          level: warn
          formatter: json
        storage:
          azure:
            accountname: images
            accountkey: a2V5
            container: docker
            rootdirectory: /prod
          delete: {enabled: true}
          redirect: {disable: true}
          cache: {blobdescriptor: redis}
          maintenance:
            readonly: {enabled: true}
            uploadpurging: {enabled: true, age: 168h, interval: 24h, dryrun: false}
        auth:
          htpasswd: {realm: basic-realm, path: /etc/registry/htpasswd}
        http:
          addr: :5000
          host: https://registry.example.com
          prefix: /images/
          secret: 0123456789abcdef0123456789abcdef
          draintimeout: 60s
          tls:
            certificate: /tls/crt.pem
            key: /tls/key.pem
            clientcas: [/tls/ca.pem]
            minimumtls: tls1.3
            ciphersuites: [TLS_AES_128_GCM_SHA256]
          headers:
            X-Content-Type-Options: [nosniff]
            Strict-Transport-Security: [max-age=1]
          debug: {addr: ":5001", prometheus: {enabled: true, path: /metrics}}
        notifications:
          events: {includereferences: true}
          endpoints:
            - name: Build Server
              disabled: false
              url: http://ci.internal/hook
              headers: {Authorization: [Bearer 3f1c9a]}
              timeout: 1s500ms
              threshold: 10
              backoff: 1s
              ignoredmediatypes: [application/octet-stream]
              ignore: {actions: [pull, delete]}
            - name: audit
              url: https://audit.example.com/events
        redis: {addr: "localhost:6379", password: hunter2}
        health: {storagedriver: {enabled: true}}
        catalog: {maxentries: 500}
        validation:
          manifests:
            urls: {allow: ["^https?://([^/]+\\.)*example\\.com/"]}
            indexes: {platforms: list, platformlist: [{architecture: amd64, os: linux}]}
        unheardof: 7
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_section_becomes_settings_that_the_registry_takes()
    {
        var run = await TranslateAsync(Everything, "--secrets");
        Assert.Equal(0, run.Code);
        string[] expected =
        [
            "Registry__Storage__ConnectionString=DefaultEndpointsProtocol=https;AccountName=images;AccountKey=a2V5;EndpointSuffix=core.windows.net",
            "Registry__Storage__Container=docker",
            "Registry__ReadOnly=true",
            "Registry__Redirect__Enabled=false",
            "Registry__Uploads__PurgeAge=7.00:00:00",
            "Registry__Auth__Mode=basic",
            "Registry__Auth__Basic__Realm=basic-realm",
            "Registry__Auth__Basic__HtpasswdPath=/etc/registry/htpasswd",
            "Registry__PublicUrl=https://registry.example.com",
            "Registry__Prefix=/images",
            "Registry__Uploads__Secret=0123456789abcdef0123456789abcdef",
            "Registry__Shutdown__Grace=00:01:00",
            "Registry__Http__Addresses__0=https://*:5000",
            "Registry__Http__Tls__Certificate=/tls/crt.pem",
            "Registry__Http__Tls__Key=/tls/key.pem",
            "Registry__Http__Tls__ClientCAs__0=/tls/ca.pem",
            "Registry__Http__Tls__MinimumVersion=1.3",
            "Registry__Http__Headers__Strict-Transport-Security=max-age=1",
            "Registry__Events__build-server__Url=http://ci.internal/hook",
            "Registry__Outbound__Allow__0=ci.internal",
            "Registry__Events__build-server__Headers__0=Authorization: Bearer 3f1c9a",
            "Registry__Events__build-server__Timeout=00:00:01.5000000",
            "Registry__Events__build-server__Threshold=10",
            "Registry__Events__build-server__Backoff=00:00:01",
            "Registry__Events__build-server__MaxBackoff=00:00:01",
            "Registry__Events__build-server__Ignore__MediaTypes__0=application/octet-stream",
            "Registry__Events__build-server__Ignore__Actions__0=delete",
            "Registry__Events__build-server__IncludeReferences=true",
            "Registry__Events__audit__Url=https://audit.example.com/events",
            "Registry__Events__audit__Pulls=true",
            "Registry__Events__audit__IncludeReferences=true",
            "Logging__LogLevel__Default=Warning",
            "Registry__Catalog__MaxEntries=500",
            @"Registry__Validation__Urls__Allow__0=^https?://([^/]+\.)*example\.com/",
            "Registry__Validation__IndexPlatforms=listed",
            "Registry__Validation__IndexPlatformList__0=linux/amd64",
        ];
        Assert.Equal(expected, Lines(run.Out));
        AssertTaken(Everything);
    }

    [Fact]
    public async Task What_has_no_counterpart_is_named_with_the_reason()
    {
        var notes = Lines((await TranslateAsync(Everything)).Error);
        Assert.Contains("storage.azure: the images become this registry's, in place, by: registry adopt --root /prod", notes);
        Assert.Contains("redis.addr: no counterpart; nothing is cached, and a read is one call to storage", notes);
        Assert.Contains("http.tls.ciphersuites.0: no counterpart; those of the system's OpenSSL are used", notes);
        Assert.Contains("unheardof: no counterpart", notes);
        Assert.Contains("notifications.endpoints.0: the endpoint 'Build Server' is called build-server, because names have up to 32 lower-case letters, digits and hyphens", notes);
        foreach (var path in (string[])["log.formatter", "log.accesslog.disabled", "storage.cache.blobdescriptor", "storage.maintenance.uploadpurging.interval", "health.storagedriver.enabled"])
        {
            Assert.Contains(notes, n => n.StartsWith(path + ": no counterpart; ", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(notes, n => n.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secrets_are_comments_unless_they_are_asked_for()
    {
        var run = await TranslateAsync(Everything);
        foreach (var secret in (string[])["a2V5", "0123456789abcdef", "3f1c9a", "hunter2"])
        {
            Assert.DoesNotContain(secret, run.Out, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, run.Error, StringComparison.Ordinal);
        }

        Assert.Contains("# Registry__Uploads__Secret=", Lines(run.Out));
        Assert.Contains("# Registry__Events__build-server__Headers__0=", Lines(run.Out));
    }

    [Fact]
    public async Task A_token_server_stays_the_one_that_it_is()
    {
        const string Text = """
            version: 0.1
            storage: {azure: {accountname: images, realm: core.chinacloudapi.cn, container: docker, credentials: {type: default_credentials, clientid: 1-2}}}
            auth: {token: {realm: https://auth.example.com/token, service: registry, issuer: auth, rootcertbundle: /etc/root.pem, signingalgorithms: [ES256, RS256], autoredirect: true}}
            http: {addr: "localhost:5000"}
            """;
        var run = await TranslateAsync(Text);
        string[] expected =
        [
            "Registry__Storage__AccountName=images",
            "Registry__Storage__BlobEndpoint=https://images.blob.core.chinacloudapi.cn",
            "Registry__Storage__TableEndpoint=https://images.table.core.chinacloudapi.cn",
            "Registry__Storage__QueueEndpoint=https://images.queue.core.chinacloudapi.cn",
            "Registry__Storage__ClientId=1-2",
            "Registry__Storage__Container=docker",
            "Registry__Delete__Enabled=false",
            "Registry__Auth__Mode=token",
            "Registry__Auth__Token__Realm=https://auth.example.com/token",
            "Registry__Auth__Token__Service=registry",
            "Registry__Auth__Token__Issuer=auth",
            "Registry__Auth__Token__RootCertBundle=/etc/root.pem",
            "Registry__Auth__Token__Algorithms__0=ES256",
            "Registry__Auth__Token__Algorithms__1=RS256",
            "Registry__Http__Addresses__0=http://localhost:5000",
        ];
        Assert.Equal(expected, Lines(run.Out));
        Assert.Contains("auth.token.autoredirect: no counterpart; it builds the realm from what the client says the host is", Lines(run.Error));
    }

    [Fact]
    public async Task A_mirror_gets_a_prefix_and_says_so()
    {
        var run = await TranslateAsync("{storage: {filesystem: {rootdirectory: /var/lib/registry}}, proxy: {remoteurl: https://registry-1.docker.io, username: ann, password: hunter2, ttl: 168h}}");
        Assert.Equal(
            ["Registry__Delete__Enabled=false", "Registry__Auth__Mode=none", "Registry__Mirror__registry-1-docker-io__Prefix=registry-1-docker-io/", "Registry__Mirror__registry-1-docker-io__Remote=https://registry-1.docker.io",
                "Registry__Mirror__registry-1-docker-io__User=ann", "# Registry__Mirror__registry-1-docker-io__Password="],
            Lines(run.Out));
        Assert.Contains("Here a mirror has a prefix", run.Error, StringComparison.Ordinal);
        Assert.Contains("storage.filesystem.rootdirectory: no counterpart; only Azure Storage is there; bring the images with 'registry copy'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http: {secret: short}", "http.secret: it is shorter than the 32 bytes")]
    [InlineData("http: {tls: {minimumtls: tls1.0}}", "tls1.0 is not spoken")]
    [InlineData("http: {draintimeout: soon}", "http.draintimeout: soon is no duration")]
    [InlineData("storage: {maintenance: {uploadpurging: {age: 1h}}}", "uploadpurging.age: 1h is no duration of GarbageCollection:Grace (a day) or longer")]
    [InlineData("http: {host: \"a\\nb\"}", "Registry:PublicUrl: the value has a line break")]
    [InlineData("version: 0.2", "version: 0.2 is not known")]
    public async Task What_does_not_fit_is_said(string text, string note) => Assert.Contains(note, (await TranslateAsync(text)).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("168h", "7.00:00:00")]
    [InlineData("1m30s", "00:01:30")]
    [InlineData("1.5h", "01:30:00")]
    [InlineData("1000000000", "00:00:01")]
    [InlineData("5", "00:00:00")]
    [InlineData("5d", null)]
    [InlineData("", null)]
    [InlineData("99999999999999h", null)]
    public void Durations_are_those_of_go(string text, string? expected) => Assert.Equal(expected, ConfigTranslation.Duration(text)?.ToString("c"));

    [Theory]
    [InlineData("a: [")]
    [InlineData("- a")]
    [InlineData("")]
    [InlineData("a: 1\na: 2")]
    public async Task What_is_no_such_file_is_refused(string text)
    {
        var run = await TranslateAsync(text);
        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.Contains("cannot be read: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() => Assert.Contains("none.yml cannot be read", (await RunAsync("adopt", "config", Path.Combine(_folder, "none.yml"))).Error, StringComparison.Ordinal);

    private async Task<CliRun> TranslateAsync(string text, params string[] options)
    {
        var file = Path.Combine(_folder, "config.yml");
        await File.WriteAllTextAsync(file, text);
        return await RunAsync(["adopt", "config", file, .. options]);
    }

    /// <summary>The settings are read without a problem. Where to listen is read by the server alone.</summary>
    private static void AssertTaken(string text)
    {
        var settings = ConfigTranslation.Of(DistributionConfig.Parse(text)).Settings.Where(s => !s.Key.StartsWith("Registry:Http:", StringComparison.Ordinal));
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build());
        RegistrySettings.Read(reader);
        Assert.Empty(reader.Unknown());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
