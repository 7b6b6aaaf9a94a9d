using Microsoft.Extensions.Configuration;
using Serverless.Server;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Settings;

public sealed class SettingsTests
{
    [Fact]
    public void Without_settings_the_defaults_hold()
    {
        var settings = RegistrySettings.Read(Reader());
        Assert.Null(settings.Storage.Account);
        Assert.Equal(".registry", settings.Storage.Folder);
        Assert.True(settings.Downloads.Redirect);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Downloads.Lifetime);
        Assert.Null(settings.Registry.UploadSecret);
        Assert.Equal(TimeSpan.FromHours(24), settings.Registry.Grace);
    }

    [Fact]
    public void Every_setting_is_read()
    {
        var settings = RegistrySettings.Read(Reader(
            ("Storage:AccountName", "account1"), ("Storage:ClientId", "id"), ("Storage:Container", "images"), ("Storage:TablePrefix", "team"),
            ("PublicUrl", "https://registry.example"), ("Redirect:Enabled", "false"), ("Redirect:Lifetime", "00:02:00"),
            ("Uploads:Lifetime", "06:00:00"), ("Uploads:LongestRequest", "01:00:00"), ("Uploads:BlockSize", "1048576"), ("Uploads:Memory", "100000000"),
            ("Uploads:Secret", "a secret of at least thirty-two bytes"), ("Manifests:MaxSize", "1000000"), ("Manifests:MaxTags", "3"), ("GarbageCollection:Grace", "12:00:00")));
        var account = settings.Storage.Account!;
        Assert.Equal(("account1", "id", "images", "team"), (account.AccountName, account.ClientId, account.ContainerName, account.TablePrefix));
        Assert.Equal("https://registry.example/", settings.PublicUrl!.AbsoluteUri);
        Assert.False(settings.Downloads.Redirect);
        Assert.Equal(TimeSpan.FromMinutes(2), settings.Downloads.Lifetime);
        Assert.Equal((TimeSpan.FromHours(6), TimeSpan.FromHours(1), TimeSpan.FromHours(12)), (settings.Registry.UploadLifetime, settings.Registry.LongestRequest, settings.Registry.Grace));
        Assert.Equal((1048576, 100000000, 1000000, 3), (settings.Registry.BlockSize, settings.Registry.UploadMemory, settings.Registry.MaxManifestSize, settings.Registry.MaxTagsPerManifest));
        Assert.NotNull(settings.Registry.UploadSecret);
    }

    [Theory]
    [InlineData("must be /v2/-uploads", "Uploads:Url=/v2/-uploads", "Uploads:Only=true")]
    [InlineData("cannot be a path where there is a Prefix", "Uploads:Url=/v2/-uploads", "Prefix=/registry")]
    [InlineData("PublicUrl must be set", "Uploads:Url=https://uploads.example.com", "Uploads:Only=true")]
    [InlineData("Prefix must not be set", "Uploads:Url=https://uploads.example.com", "Uploads:Only=true", "PublicUrl=https://registry.example.com", "Prefix=/registry")]
    [InlineData("a name of its own", "Uploads:Url=https://Registry.example.com", "PublicUrl=https://registry.example.com")]
    public void Settings_of_the_server_of_uploads_must_fit(string problem, params string[] settings)
    {
        var pairs = settings.Select(s => (s[..s.IndexOf('=', StringComparison.Ordinal)], s[(s.IndexOf('=', StringComparison.Ordinal) + 1)..])).ToArray();
        Assert.Contains(problem, Assert.Single(Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader(pairs))).Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Redirect:Enabled", "yes", "true or false")]
    [InlineData("Redirect:Lifetime", "5", "a duration")]
    [InlineData("Redirect:Lifetime", "-00:05:00", "a duration")]
    [InlineData("Redirect:Lifetime", "20:00:00", "(20:00:00) must be at most half of Registry:GarbageCollection:Grace (1.00:00:00)")]
    [InlineData("PublicUrl", "registry.example", "an absolute http or https URL")]
    [InlineData("PublicUrl", "ftp://registry.example", "an absolute http or https URL")]
    [InlineData("Uploads:BlockSize", "1", "a whole number from 65536")]
    [InlineData("Uploads:BlockSize", "8MB", "a whole number")]
    [InlineData("Uploads:Memory", "1000", "a whole number from 1048576")]
    [InlineData("Uploads:Memory", "16777215", "Registry:Uploads:Memory (16777215) must be at least 4 times Registry:Manifests:MaxSize (4194304)")]
    [InlineData("Uploads:Secret", "short", "at least 32 bytes")]
    [InlineData("Uploads:Url", "/uploads", "must be a path such as /v2/-uploads")]
    [InlineData("Uploads:Url", "/v2/uploads", "must be a path such as /v2/-uploads")]
    [InlineData("Uploads:Url", "/v2/-uploads/", "must be a path such as /v2/-uploads")]
    [InlineData("Uploads:Url", "http://uploads.example.com", "an https address of a name of its own")]
    [InlineData("Uploads:Url", "https://uploads.example.com:8443", "an https address of a name of its own")]
    [InlineData("Uploads:Url", "https://uploads.example.com/v2", "an https address of a name of its own")]
    [InlineData("Uploads:Url", "https://127.0.0.1", "an https address of a name of its own")]
    [InlineData("Uploads:Url", "https://[::1]", "an https address of a name of its own")]
    [InlineData("Uploads:Url", "https://me@uploads.example.com", "an https address of a name of its own")]
    [InlineData("Uploads:Only", "true", "needs Uploads:Url")]
    [InlineData("Auth:AddressHeader", "X-Azure-ClientIP", "needs Auth:Proxies")]
    [InlineData("Auth:Failures:PerAccountAnywhere", "0", "a whole number from 1")]
    [InlineData("Auth:Token:RefreshLifetime", "1", "a duration")]
    [InlineData("Auth:Token:RefreshMaxLifetime", "1.00:00:00", "at least Auth:Token:RefreshLifetime")]
    [InlineData("Validation:Layers", "some", "one of All, None")]
    [InlineData("Pulls:PerAccount:Bytes", "10GB", "a whole number from 0 to 9223372036854775807")]
    [InlineData("Pulls:PerAddress:Requests", "-1", "a whole number from 0")]
    [InlineData("Manifests:MaxReferences", "0", "a whole number from 1 to 100000")]
    [InlineData("Manifests:MaxTags", "1000", "a whole number from 1 to 20")]
    [InlineData("GarbageCollection:Grace", "15:00:00", "Registry:GarbageCollection:Grace (15:00:00) must be at least Registry:Uploads:Lifetime (12:00:00) and Registry:Uploads:LongestRequest (04:00:00) together")]
    [InlineData("ReadOnly", "1", "true or false")]
    [InlineData("Health:QueueOverdue", "1", "a duration")]
    [InlineData("Delete:Enabled", "off", "true or false")]
    [InlineData("Prefix", "registry", "a path such as")]
    [InlineData("Catalog:MaxEntries", "0", "a whole number from 1")]
    [InlineData("Validation:IndexPlatforms", "some", "one of All, None, Listed")]
    [InlineData("Validation:IndexPlatformList:0", "linux", "os/architecture")]
    [InlineData("Validation:Urls:Allow:0", "(", "a regular expression")]
    [InlineData("Validation:Urls:Deny:0", "(?=x)", "a regular expression")]
    [InlineData("Storage:Container", "No", "3 to 63 lower-case letters")]
    [InlineData("Storage:TablePrefix", "1a", "begin with a letter")]
    [InlineData("Storage:AccountName", "x_y", "3 to 24 lower-case letters")]
    [InlineData("Storage:BlobEndpoint", "https://a.blob.example", "must both be set")]
    [InlineData("Auth:Token:KeyVault", "http://name.vault.azure.net", "must be the https address of a vault")]
    [InlineData("Auth:Token:KeyVault", "https://name.vault.azure.net/secrets/key", "must be the https address of a vault")]
    [InlineData("Auth:Token:KeyVaultSecret", "signing_key", "must be the name of a secret")]
    public void A_bad_value_is_named_with_what_would_be_right(string key, string value, string expected)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader((key, value)))).Problems);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.StartsWith("Registry:", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Storage:BlobEndpoint", "https://a.blob.example/?sv=2024&sig=s3cret")]
    [InlineData("Storage:TableEndpoint", "https://user:s3cret@a.table.example")]
    [InlineData("Storage:ConnectionString", "s3cret")]
    [InlineData("Storage:ConnectionString", "AccountName=a;AccountKey=s3cret")]
    [InlineData("Storage:AccountName", "AccountKey=s3cret")]
    [InlineData("Storage:Container", "https://x/c?sig=s3cret")]
    [InlineData("Storage:InMemory", "s3cret")]
    [InlineData("PublicUrl", "https://user:s3cret@registry.example")]
    [InlineData("Prefix", "s3cret?")]
    [InlineData("Uploads:Secret", "s3cret")]
    [InlineData("Uploads:Url", "https://uploads.example.com?key=s3cret")]
    [InlineData("Uploads:BlockSize", "s3cret")]
    [InlineData("Redirect:Lifetime", "s3cret")]
    [InlineData("Auth:Mode", "s3cret")]
    [InlineData("Auth:Anonymous:0", "s3cret")]
    [InlineData("Http:Addresses:0", "http://127.0.0.1/s3cret")]
    [InlineData("Http:Tls:MinimumVersion", "s3cret")]
    [InlineData("Http:Tls:Certificate", "s3cret", "Http:Tls:Key", "s3cret", "Http:Addresses:0", "https://127.0.0.1:0")]
    [InlineData("Auth:Token:SigningKey", "-----BEGIN PRIVATE KEY-----s3cret", "Auth:Mode", "token")]
    [InlineData("Auth:Token:Jwks", "{s3cret}", "Auth:Token:Realm", "https://auth.example", "Auth:Mode", "token")]
    [InlineData("Auth:Token:Jwks", "ftp://x/?sig=s3cret", "Auth:Token:Realm", "https://auth.example", "Auth:Mode", "token")]
    [InlineData("Auth:Token:RootCertBundle", "-----BEGIN CERTIFICATE-----s3cret", "Auth:Token:Realm", "https://auth.example", "Auth:Mode", "token")]
    [InlineData("Auth:Basic:HtpasswdPath", "alice:s3cret", "Auth:Mode", "basic")]
    public void A_value_that_is_refused_is_not_repeated(params string[] settings)
    {
        var args = settings.Chunk(2).Select(pair => $"--Registry:{pair[0]}={pair[1]}").Prepend("--urls=http://127.0.0.1:0");
        if (!settings[0].StartsWith("Storage:", StringComparison.Ordinal)) args = args.Append("--Registry:Storage:InMemory=true");
        var e = Assert.Throws<SettingsException>(() => ServerApp.Create([.. args]));
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(settings[0].Split(":0")[0], e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_bad_values_are_named_at_once() =>
        Assert.Equal(3, Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader(("Redirect:Enabled", "x"), ("PublicUrl", "x"), ("Uploads:BlockSize", "x")))).Problems.Count);

    [Theory]
    [InlineData("Storage:ConnectionString", "UseDevelopmentStorage=true", "Storage:AccountName", "account1")]
    [InlineData("Storage:ConnectionString", "UseDevelopmentStorage=true", "Storage:InMemory", "true")]
    [InlineData("Storage:ConnectionString", "UseDevelopmentStorage=true", "Storage:Path", "/data")]
    [InlineData("Storage:ConnectionString", "UseDevelopmentStorage=true", "Storage:Development", "true")]
    [InlineData("Storage:AccountName", "account1", "Storage:Path", "/data")]
    [InlineData("Storage:AccountName", "account1", "Storage:Development", "true")]
    [InlineData("Storage:Path", "/data", "Storage:InMemory", "true")]
    [InlineData("Storage:Path", "/data", "Storage:Development", "true")]
    [InlineData("Storage:InMemory", "true", "Storage:Development", "true")]
    [InlineData("Auth:Token:KeyVault", "https://name.vault.azure.net", "Auth:Token:SigningKey", "key.pem")]
    public void Values_that_do_not_fit_together_are_refused(string key1, string value1, string key2, string value2) =>
        Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader((key1, value1), (key2, value2))));

    [Theory]
    [InlineData("Storage:AccountName", "account1")]
    [InlineData("Storage:InMemory", "true")]
    [InlineData("Storage:Development", "true")]
    public void No_folder_is_used_where_other_storage_is_set(string key, string value)
    {
        var storage = RegistrySettings.Read(Reader((key, value))).Storage;
        Assert.Null(storage.Folder);
        Assert.False(storage.IsOpen);
    }

    [Fact]
    public void Development_storage_is_an_Azurite_on_its_default_ports()
    {
        var storage = RegistrySettings.Read(Reader(("Storage:Development", "true"), ("Storage:Container", "images"))).Storage;
        Assert.Equal(("UseDevelopmentStorage=true", "images"), (storage.Account!.ConnectionString, storage.Account.ContainerName));
        Assert.True(storage.Development);
    }

    [Fact]
    public void A_folder_that_is_named_is_used()
    {
        var storage = RegistrySettings.Read(Reader(("Storage:Path", "/data"))).Storage;
        Assert.Equal(("/data", false), (storage.Folder, storage.IsOpen));
    }

    [Theory]
    [InlineData("Storage:Path", "/data", "no other instance sees it")]
    [InlineData("Storage:Development", "true", "no app can start an Azurite")]
    public void Storage_of_one_machine_is_refused_under_the_Functions_host(string key, string value, string expected)
    {
        var e = Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader((key, value), ("Auth:Mode", "none")), new RegistryHost { IsFunctions = true }));
        Assert.StartsWith($"Registry:{key} is for a plain server", Assert.Single(e.Problems), StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_no_setting_has_is_found()
    {
        var reader = Reader(("Redirect:Enabled", "true"), ("Redirect:Enable", "true"), ("Storrage", "x"));
        RegistrySettings.Read(reader);
        Assert.Equal(["Redirect:Enable", "Storrage"], reader.Unknown().Order());
    }

    [Theory]
    [InlineData("nonsense", "no '='")]
    [InlineData("AccountName=a", "no AccountKey")]
    [InlineData("AccountKey=a", "no AccountName")]
    public void A_connection_string_that_cannot_be_used_is_explained(string value, string expected)
    {
        var e = Assert.Throws<SettingsException>(() => ServerApp.Create([$"--Registry:Storage:ConnectionString={value}"]));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_the_Functions_host_storage_and_a_way_to_sign_in_must_be_set()
    {
        var e = Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader(), new RegistryHost { IsFunctions = true }));
        Assert.Equal(2, e.Problems.Count);
        Assert.Contains("ConnectionString or AccountName", e.Message, StringComparison.Ordinal);
        Assert.Contains("Registry:Auth:Mode must be set", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pulls:PerAddress:Requests")]
    [InlineData("Pulls:PerAddress:Bytes")]
    public void Pulls_by_address_are_limited_where_addresses_are_known(string key)
    {
        var host = new RegistryHost { IsFunctions = true };
        (string, string)[] settings = [("Storage:AccountName", "account"), ("Auth:Mode", "none"), (key, "1000")];
        Assert.Contains("needs Auth:Proxies", Assert.Single(Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader(settings), host)).Problems), StringComparison.Ordinal);
        RegistrySettings.Read(Reader([.. settings, ("Auth:Proxies", "1")]), host);
        RegistrySettings.Read(Reader(settings[1..]));
    }

    [Theory]
    [InlineData("", "registry")]
    [InlineData("/registry", "")]
    [InlineData("/registry", "api")]
    public void A_prefix_that_the_host_does_not_know_is_refused(string prefix, string routePrefix)
    {
        var e = Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader(("Prefix", prefix)), new RegistryHost { RoutePrefix = routePrefix }));
        Assert.Contains("extensions.http.routePrefix in host.json", Assert.Single(e.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/registry", "registry")]
    [InlineData("", "")]
    [InlineData("/registry", null)]
    public void A_prefix_that_the_host_knows_too_is_taken(string prefix, string? routePrefix) =>
        Assert.Equal(prefix, RegistrySettings.Read(Reader(("Prefix", prefix)), new RegistryHost { RoutePrefix = routePrefix }).Prefix);

    [Fact]
    public void Tasks_that_may_take_longer_than_the_host_lets_them_are_refused()
    {
        var e = Assert.Throws<SettingsException>(() => RegistrySettings.Read(Reader(("Timers:TimeLimit", "00:30:00")), new RegistryHost { FunctionTimeout = TimeSpan.FromMinutes(30) }));
        Assert.Contains("less than functionTimeout", Assert.Single(e.Problems), StringComparison.Ordinal);
    }

    private static SettingsReader Reader(params (string Key, string Value)[] values) => new(new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(v => KeyValuePair.Create(SettingsReader.Root + ":" + v.Key, (string?)v.Value)))
        .Build());
}
